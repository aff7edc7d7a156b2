import type { Finish } from '../messages.ts';
import { COLOURS } from './Curves.tsx';

const WIDTH = 640;
const ROW = 28;
const LEFT = 110;
const RIGHT = 20;

/** Each model's test NDCG@10 with its interval: where two do not overlap, the difference is hardly chance. */
export function Forest({ finishes }: { finishes: readonly Finish[] }) {
  const most = Math.max(...finishes.map(({ interval }) => interval[1])) || 1;
  const x = (value: number) => LEFT + (value / most) * (WIDTH - LEFT - RIGHT);
  const height = finishes.length * ROW + 4;
  const text = finishes
    .map(
      ({ entrant, metric, interval: [low, high] }) =>
        `${entrant} ${metric.toFixed(4)}, ${low.toFixed(4)} to ${high.toFixed(4)}`,
    )
    .join('; ');
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={`Test NDCG@10: ${text}`}>
        {finishes.map(({ entrant, metric, interval: [low, high] }, n) => {
          const y = n * ROW + ROW / 2;
          return (
            <g key={entrant} stroke={COLOURS[entrant]} fill={COLOURS[entrant]}>
              <text x={0} y={y + 5} class="label" stroke="none">
                {entrant}
              </text>
              <line x1={x(low)} x2={x(high)} y1={y} y2={y} stroke-width={3} />
              <circle cx={x(metric)} cy={y} r={6} />
            </g>
          );
        })}
      </svg>
      <figcaption>The test, each with its 95 % interval.</figcaption>
    </figure>
  );
}
