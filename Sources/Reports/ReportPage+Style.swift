extension ReportPage {
  /// Light and dark follow the reader's setting; paper is always light.
  static let styleSheet = """
    :root { color-scheme: light dark; --page: #ffffff; --text: #1d2329; --soft: #5b6670; --line: #dfe3e7; --card: #f5f7f9;
      --series0: #2a6fb5; --series1: #d97706; --right: #2a6fb5; --wrong: #d1541f; --hit: 42 111 181; --miss: 209 84 31; }
    @media (prefers-color-scheme: dark) { :root { --page: #14181c; --text: #e6e9ec; --soft: #a0abb5; --line: #333b43;
      --card: #1d2329; --series0: #6aaeea; --series1: #f2a541; --right: #6aaeea; --wrong: #f08554;
      --hit: 60 130 200; --miss: 214 98 48; } }
    @media print { :root { color-scheme: light; --page: #ffffff; --text: #000000; --soft: #444444; --line: #cccccc;
      --card: #f5f7f9; --series0: #2a6fb5; --series1: #d97706; --right: #2a6fb5; --wrong: #d1541f;
      --hit: 42 111 181; --miss: 209 84 31; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
      main { max-width: none; padding: 0; } figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
      a { color: inherit; text-decoration: none; } }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--page); color: var(--text);
      font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    main { max-width: 1020px; margin: 0 auto; padding: 40px 24px 80px; }
    h1 { margin: 0; font-size: 32px; line-height: 1.2; overflow-wrap: anywhere; }
    h2 { margin: 48px 0 12px; font-size: 21px; }
    h3 { margin: 0 0 8px; font-size: 16px; }
    p { margin: 0 0 14px; max-width: 74ch; }
    .subtitle { color: var(--soft); margin-top: 6px; }
    .tiles { display: flex; flex-wrap: wrap; gap: 14px; margin: 26px 0 20px; }
    .tile { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 22px; min-width: 136px; }
    .tile .figure { font-size: 27px; font-weight: 600; font-variant-numeric: tabular-nums; }
    .tile .name { color: var(--soft); font-size: 14px; }
    .tile:first-child .figure { color: var(--series0); }
    .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 30px 40px; align-items: start; }
    figure { margin: 0; min-width: 0; }
    figure.wide { grid-column: 1 / -1; }
    figcaption { color: var(--soft); font-size: 14.5px; margin-top: 8px; max-width: 74ch; }
    svg { display: block; width: 100%; height: auto; max-width: 520px; font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
    svg text { fill: var(--text); }
    svg .tick { fill: var(--soft); font-variant-numeric: tabular-nums; }
    svg .axis { fill: var(--soft); }
    svg .note { font-weight: 600; }
    svg .grid { stroke: var(--line); }
    svg .edge { stroke: var(--soft); }
    svg .mark { stroke: var(--soft); stroke-dasharray: 4 4; }
    svg .series0 { fill: var(--series0); stroke: var(--series0); }
    svg .series1 { fill: var(--series1); stroke: var(--series1); }
    svg .right { fill: var(--right); stroke: var(--right); }
    svg .wrong { fill: var(--wrong); stroke: var(--wrong); }
    svg .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round; }
    svg .bar { stroke-width: 0; }
    svg .overlaid.bar { fill-opacity: .55; stroke-width: 1.2; }
    svg .swatch { stroke-width: 0; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: 15px; }
    th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
    thead th, tfoot th, tfoot td { font-weight: 600; }
    thead th { color: var(--soft); font-size: 14px; vertical-align: bottom; }
    tbody th { font-weight: 500; }
    .number { text-align: right; font-variant-numeric: tabular-nums; padding-left: 14px; }
    .path { overflow-wrap: anywhere; }
    .facts th { color: var(--soft); font-weight: 400; white-space: nowrap; padding-right: 26px; }
    a { color: var(--series0); }
    pre { font: 13.5px/1.45 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; margin: 0; padding: 14px 16px;
      background: var(--card); border-radius: 8px; width: max-content; min-width: 100%; }
    .confusion { border-collapse: separate; border-spacing: 3px; }
    .confusion th, .confusion td { border: 0; }
    .confusion tbody th { text-align: right; vertical-align: middle; padding: 0 10px 0 0; max-width: 220px; overflow-wrap: anywhere; }
    .confusion .corner { text-align: right; font-weight: 400; padding-right: 10px; }
    .confusion thead th.number { text-align: center; padding: 0 6px 4px; }
    .confusion td { text-align: center; vertical-align: middle; padding: 10px 8px; min-width: 76px; border-radius: 6px;
      font-weight: 600; font-variant-numeric: tabular-nums; }
    .confusion td small { display: block; font-weight: 400; font-size: 12.5px; }
    .confusion .none { background: var(--card); color: var(--soft); font-weight: 400; }
    .confusion .hit { background: rgb(var(--hit) / var(--tint)); }
    .confusion .miss { background: rgb(var(--miss) / var(--tint)); }
    .confusion .strong { color: #ffffff; }
    .confusion.compact { border-spacing: 2px; font-size: 13.5px; }
    .confusion.compact td { padding: 5px 3px; min-width: 36px; border-radius: 3px; }
    .confusion .turned { padding: 0; height: 118px; vertical-align: bottom; }
    .confusion .turned div { width: 36px; margin: 0 auto; height: 0; }
    .confusion .turned span { display: inline-block; white-space: nowrap; transform-origin: 0 50%;
      transform: translate(18px, -14px) rotate(-45deg); font-weight: 400; }
    """
}
