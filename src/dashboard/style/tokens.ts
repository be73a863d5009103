/** Colours, sizes and type: every other rule draws on these. Contrast is that of WCAG 2.2 AA, in light and in dark. */
export const TOKENS = `:root {
  color-scheme: light dark;
  --canvas: #f6f7f7;
  --surface: #ffffff;
  --sunken: #f0f2f2;
  --line: #e1e5e5;
  --line-strong: #808b89;
  --text: #161b1a;
  --muted: #566260;
  --accent: #0a6a58;
  --accent-strong: #085546;
  --accent-soft: #e1f2ee;
  --on-accent: #ffffff;
  --good: #17653a;
  --good-soft: #e3f3e9;
  --warn: #7a4f00;
  --warn-soft: #fbf0d9;
  --bad: #a8211a;
  --bad-soft: #fbe9e7;
  --bar-1: #0f7a66;
  --bar-2: #d2953a;
  --bar-3: #c2453d;
  --shadow: 0 1px 2px rgb(15 25 22 / 0.06), 0 1px 1px rgb(15 25 22 / 0.04);
  --radius: 8px;
  --radius-small: 5px;
  --gap: 16px;
  --mono: ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  --size-small: 12px;
  --size: 14px;
  --size-large: 16px;
  --size-title: 22px;
}

@media (prefers-color-scheme: dark) {
  :root {
    --canvas: #0f1312;
    --surface: #161b1a;
    --sunken: #1c2322;
    --line: #29312f;
    --line-strong: #6f7c79;
    --text: #e4eae8;
    --muted: #9dabA8;
    --accent: #62cfb8;
    --accent-strong: #83dcc9;
    --accent-soft: #14312b;
    --on-accent: #06231d;
    --good: #7fd6a2;
    --good-soft: #142d1f;
    --warn: #eac06a;
    --warn-soft: #322712;
    --bad: #ff9a90;
    --bad-soft: #381b18;
    --bar-1: #43b59d;
    --bar-2: #d9a552;
    --bar-3: #e2756c;
    --shadow: none;
  }
}
`;
