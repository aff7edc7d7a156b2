import { Curves } from '../charts/Curves.tsx';
import { Forest } from '../charts/Forest.tsx';
import { ENTRANTS, type Entrant } from '../messages.ts';
import {
  busy,
  choose,
  chosen,
  data,
  dim,
  entrants,
  finishes,
  pause,
  paused,
  points,
  race,
  racing,
  restore,
  stop,
} from '../state.ts';

const ABOUT: Readonly<Record<Entrant, string>> = {
  xavier: 'LightGCN from random numbers',
  variance: 'LightGCN from columns of the vectors, by variance (LLMInit)',
  'graph-pca': 'LightGCN from principal components that follow the clicks',
  l3ae: 'a closed form of clicks and texts, without epochs',
  auto: 'the choice of llminit train: closed form, graph model, or both',
};

/** The third step: a race in this tab. */
export function Train() {
  return (
    <section aria-labelledby="train">
      <h2 id="train">3. Train</h2>
      {data.value && <Entrants />}
      <Controls />
      {points.value.length > 0 && (
        <>
          <Curves points={points.value} value="metric" label="Validation NDCG@10" />
          <Curves points={points.value} value="loss" label="Loss" />
        </>
      )}
      {finishes.value.length > 0 && <Finishes />}
    </section>
  );
}

function Entrants() {
  const toggle = (entrant: Entrant) => {
    const { value } = entrants;
    entrants.value = value.includes(entrant)
      ? value.filter((other) => other !== entrant)
      : [...value, entrant];
  };
  const disabled = busy.value !== null || paused.value !== null;
  return (
    <fieldset disabled={disabled}>
      <legend>Who races</legend>
      {ENTRANTS.map((entrant) => (
        <label key={entrant}>
          <input
            type="checkbox"
            checked={entrants.value.includes(entrant)}
            onChange={() => toggle(entrant)}
          />
          <strong>{entrant}</strong> {ABOUT[entrant]}
        </label>
      ))}
      <label>
        Width of the tables{' '}
        <input
          type="number"
          min={2}
          max={512}
          value={dim.value}
          onChange={({ currentTarget }) => {
            dim.value = Math.max(2, Math.min(512, Math.round(Number(currentTarget.value) || 64)));
          }}
        />
      </label>
    </fieldset>
  );
}

function Controls() {
  if (racing.value) {
    return (
      <button type="button" onClick={pause}>
        Pause
      </button>
    );
  }
  if (paused.value === 'reload' && data.value === null) {
    return (
      <p>
        A training was interrupted.{' '}
        <button type="button" disabled={busy.value !== null} onClick={() => void restore().then(race)}>
          Go on with it
        </button>
      </p>
    );
  }
  const disabled = busy.value !== null || entrants.value.length === 0;
  return (
    <p>
      <button type="button" disabled={disabled} onClick={() => void race()}>
        {paused.value ? 'Go on' : 'Train in this tab'}
      </button>{' '}
      {paused.value && (
        <button type="button" onClick={stop}>
          Stop
        </button>
      )}
    </p>
  );
}

function Finishes() {
  const list = finishes.value;
  return (
    <>
      <Forest finishes={list} />
      <div class="scroll">
        <table>
          <caption>
            Test NDCG@10, looked at once, with 95 % intervals over users; gains are of the same users
          </caption>
          <thead>
            <tr>
              <th scope="col">model</th>
              <th scope="col">NDCG@10</th>
              <th scope="col">gain</th>
              <th scope="col">seconds</th>
              <th scope="col">effective rank</th>
              <th scope="col">in use</th>
            </tr>
          </thead>
          <tbody>
            {list.map((finish) => (
              <tr key={finish.entrant}>
                <th scope="row">
                  {finish.entrant}
                  {finish.chosen !== finish.entrant && <small> {finish.chosen}</small>}
                </th>
                <td>{finish.metric.toFixed(4)}</td>
                <td>
                  {finish.gain
                    ? `${percent(finish.gain.relative)} [${percent(finish.gain.interval[0])}, ${percent(finish.gain.interval[1])}]`
                    : '–'}
                </td>
                <td>{finish.seconds.toFixed(1)}</td>
                <td>
                  {finish.rank
                    ? `${finish.rank.start.toFixed(0)} → ${finish.rank.end.toFixed(0)} of ${finish.rank.dim}`
                    : '–'}
                </td>
                <td>
                  <input
                    type="radio"
                    name="chosen"
                    aria-label={`Use ${finish.entrant}`}
                    checked={chosen.value?.entrant === finish.entrant}
                    onChange={() => void choose(finish)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function percent(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(100 * share).toFixed(1)} %`;
}
