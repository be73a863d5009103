/** Bars over time. */
export const CHARTS = `.chart { display: block; }
.chart svg { display: block; width: 100%; height: auto; overflow: visible; }
.chart .bar-1 { fill: var(--bar-1); }
.chart .bar-2 { fill: var(--bar-2); }
.chart .bar-3 { fill: var(--bar-3); }
.chart .axis { stroke: var(--line); stroke-width: 1; }
.chart text { fill: var(--muted); font: 11px var(--sans); }
.chart .slot { fill: transparent; }
.chart g:hover > .slot { fill: var(--sunken); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-bottom: 8px; color: var(--muted); font-size: var(--size-small); }
.legend svg { display: inline-block; width: 9px; height: 9px; margin-right: 6px; }
`;
