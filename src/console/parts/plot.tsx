const WIDTH = 240;
const HEIGHT = 36;

/** Bars over time, in a picture that says in words what it shows. `bad` is the part of each bar that went wrong. */
export function Plot(props: {
  title: string;
  says: string;
  scale?: string;
  bars: number[];
  bad?: number[];
  from: string;
}) {
  const { title, says, scale, bars, bad, from } = props;
  const most = Math.max(...bars, 0);
  return (
    <figure class="plot">
      <figcaption>
        <b>{title}</b> {says}
        {scale ? <small>{scale}</small> : null}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        <path class="ground" d={`M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        <path class="bars" d={outline(bars, most)} />
        {bad ? <path class="bad" d={outline(bad, most)} /> : null}
      </svg>
      <p class="times">
        <span>{from.slice(11, 16)}</span> <span>now</span>
      </p>
    </figure>
  );
}

/** Each bar a rectangle from the ground up; what is not nothing is at least seen. */
function outline(values: number[], most: number): string {
  const step = WIDTH / values.length;
  return values
    .map((value, i) => {
      if (value <= 0) return "";
      const height = Math.max(1.5, (value / most) * (HEIGHT - 1));
      return `M${round(i * step)} ${HEIGHT}v${round(-height)}h${round(step * 0.8)}v${round(height)}z`;
    })
    .join("");
}

const round = (value: number) => Math.round(value * 100) / 100;
