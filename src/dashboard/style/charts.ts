/** Bars over time. */
export const CHARTS = `.chart > * + * { margin-top: 6px; }
.chart-caption { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 4px 16px; }
.chart-title { font-weight: 600; }
.chart-plot { position: relative; border-bottom: 1px solid var(--line-strong); }
.chart-plot svg { display: block; width: 100%; height: 132px; }
.chart-peak {
  position: absolute;
  top: 0;
  left: 0;
  right: 0;
  border-top: 1px dashed var(--line);
  color: var(--muted);
  font-size: 11px;
  line-height: 1.5;
  pointer-events: none;
}
.chart-axis { display: flex; justify-content: space-between; gap: 12px; color: var(--muted); font-size: 11px; }
.chart .bar-1 { fill: var(--bar-1); }
.chart .bar-2 { fill: var(--bar-2); }
.chart .bar-3 { fill: var(--bar-3); }
.chart .slot { fill: transparent; }
.chart g:hover > .slot { fill: var(--sunken); }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; color: var(--muted); font-size: var(--size-small); }
.legend svg { display: inline-block; width: 9px; height: 9px; margin-right: 6px; }
.legend strong { color: var(--text); }
.chart details { font-size: 13px; }
`;
