// Charts on canvas, drawn from the values in the page; their table twin is already there.
// Load on a page that has {% chart %}:  {% block scripts %}{% include "components/chart_scripts.html" %}{% endblock %}

const css = getComputedStyle(document.documentElement);
const token = (name) => css.getPropertyValue(name).trim();
const still = () =>
  document.documentElement.dataset.static !== undefined ||
  window.matchMedia("(prefers-reduced-motion: reduce)").matches;
const scale = () => parseFloat(css.fontSize) / 16 || 1;
const one = (value) => (value === null || value === undefined ? "—" : Number(value).toFixed(1).replace("-", "−"));

function base(data) {
  const size = 13 * scale();
  return {
    animation: !still(),
    animationDuration: 160,
    aria: { enabled: false }, // the table twin is what is read out
    textStyle: { fontFamily: token("--font"), fontSize: size, color: token("--ink-3") },
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: token("--surface"),
      borderColor: token("--line-2"),
      textStyle: { color: token("--ink"), fontSize: size },
    },
    legend: {
      show: data.series.length > 1,
      bottom: 0,
      icon: "roundRect",
      itemWidth: 16,
      itemHeight: 4,
      textStyle: { color: token("--ink-2"), fontSize: size },
      data: data.series.map((series) => series.name),
    },
    grid: { left: 8, right: 16, top: 16, bottom: data.series.length > 1 ? 36 : 8, containLabel: true },
  };
}

const neutral = () => [token("--dot"), token("--bar"), token("--range"), token("--seq-3")];
const colour = (series, index) => (series.own ? token("--own") : neutral()[index % 4]);

const axes = (data, horizontal) => {
  const names = {
    type: "category",
    data: data.labels,
    inverse: horizontal,
    axisTick: { show: false },
    axisLine: { lineStyle: { color: token("--line-2") } },
    axisLabel: { color: token("--ink-2"), fontSize: 13 * scale() },
  };
  const numbers = {
    type: "value",
    min: data.minimum ?? undefined,
    max: data.maximum ?? undefined,
    scale: data.minimum === null,
    splitLine: { lineStyle: { color: token("--line-list") } },
    axisLabel: { color: token("--ink-3"), fontSize: 13 * scale() },
  };
  return horizontal ? { yAxis: names, xAxis: numbers } : { xAxis: names, yAxis: numbers };
};

function trend(data) {
  const series = [];
  data.series.forEach((line, index) => {
    if (line.low.length && line.high.length) {
      // A band is two stacked areas: an unseen floor, and the height above it.
      const floor = { type: "line", stack: `band${index}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
      series.push({ ...floor, data: line.low });
      series.push({
        ...floor,
        data: line.high.map((high, i) => (high === null || line.low[i] === null ? null : high - line.low[i])),
        areaStyle: { color: token("--range"), opacity: 0.45 },
      });
    }
    series.push({
      name: line.name,
      type: "line",
      data: line.values,
      symbol: "circle",
      symbolSize: 6,
      itemStyle: { color: colour(line, index) },
      lineStyle: { width: 2, color: colour(line, index) },
      z: line.own ? 5 : 3,
    });
  });
  const chart = base(data);
  return {
    ...chart,
    ...axes(data, false),
    tooltip: {
      ...chart.tooltip,
      trigger: "axis",
      formatter: (points) => [
        points[0].axisValueLabel,
        ...points.filter((p) => p.seriesName && data.series.some((s) => s.name === p.seriesName))
          .map((p) => `${p.seriesName}  ${one(p.value)} ${data.unit}`),
      ].join("\n"),
    },
    series,
  };
}

function bars(data) {
  const chart = base(data);
  return {
    ...chart,
    ...axes(data, true),
    grid: { ...chart.grid, right: 56 },
    tooltip: { ...chart.tooltip, trigger: "item", formatter: (p) => `${p.name}\n${p.seriesName}  ${one(p.value)} ${data.unit}` },
    series: data.series.map((line, index) => ({
      name: line.name,
      type: "bar",
      data: line.values,
      barMaxWidth: 16,
      itemStyle: { color: line.own || data.series.length > 1 ? colour(line, index) : token("--bar"), borderRadius: 2 },
      label: { show: data.series.length === 1, position: "right", color: token("--ink"), formatter: (p) => one(p.value), fontSize: 13 * scale() },
    })),
  };
}

// On a phone a long name beside the web runs out of the picture on both sides: it takes two lines.
const NARROW = 480;
const LINE = 5;
const folded = (name) => (name.length > LINE + 1 ? `${name.slice(0, LINE)}\n${name.slice(LINE)}` : name);

function radar(data, width) {
  const chart = base(data);
  return {
    ...chart,
    tooltip: { ...chart.tooltip, trigger: "item", formatter: (p) => [p.name, ...data.labels.map((l, i) => `${l}  ${one(p.value[i])} ${data.unit}`)].join("\n") },
    radar: {
      indicator: data.labels.map((name, i) => ({ name, max: data.maxima[i] ?? data.maximum ?? 100, min: data.minimum ?? 0 })),
      radius: "62%",
      center: ["50%", "46%"],
      axisName: { color: token("--ink-2"), fontSize: 13 * scale(), formatter: width < NARROW ? folded : undefined },
      splitArea: { show: false },
      splitLine: { lineStyle: { color: token("--line") } },
      axisLine: { lineStyle: { color: token("--line") } },
    },
    series: [{
      type: "radar",
      data: data.series.map((line, index) => ({
        name: line.name,
        value: line.values,
        symbolSize: 5,
        lineStyle: { width: 2, color: colour(line, index), type: line.own ? "solid" : "dashed" },
        itemStyle: { color: colour(line, index) },
        areaStyle: line.own ? { color: token("--own"), opacity: 0.08 } : undefined,
      })),
    }],
  };
}

const drawings = { trend, bars, radar };

export function draw(figure) {
  const source = document.getElementById(figure.dataset.chart);
  if (!source || !window.echarts || figure.dataset.drawn) return;
  figure.dataset.drawn = "1";
  const data = JSON.parse(source.textContent);
  const plot = figure.querySelector("[data-chart-plot]");
  const table = figure.querySelector("[data-chart-table]");
  const change = figure.querySelector("[data-chart-switch]");
  plot.hidden = false;
  table.hidden = true;
  change.hidden = false;
  const chart = window.echarts.init(plot, null, { renderer: "canvas" });
  chart.setOption(drawings[data.kind](data, plot.clientWidth));
  new ResizeObserver(() => chart.resize()).observe(plot);
  change.addEventListener("click", (event) => {
    const show = event.target.closest("button")?.dataset.show;
    if (!show) return;
    plot.hidden = show !== "plot";
    table.hidden = show !== "table";
    for (const button of change.children) button.setAttribute("aria-pressed", String(button.dataset.show === show));
    if (show === "plot") chart.resize();
  });
}

const all = () => document.querySelectorAll("[data-chart]").forEach(draw);
all();
document.addEventListener("htmx:load", all);
