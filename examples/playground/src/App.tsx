import { useEffect } from 'preact/hooks';
import { hasSavedJob } from './savedJob.ts';
import { Data } from './sections/Data.tsx';
import { Take } from './sections/Take.tsx';
import { Train } from './sections/Train.tsx';
import { Try } from './sections/Try.tsx';
import { Vectors } from './sections/Vectors.tsx';
import { busy, data, failure, paused, recommender } from './state.ts';

/** The page: five steps, each shown when the one before has something to give. */
export function App() {
  useEffect(() => {
    void hasSavedJob().then((saved) => {
      if (saved && data.value === null) paused.value = 'reload';
    });
  }, []);
  return (
    <>
      <header>
        <h1>llminit playground</h1>
        <p>
          Clicks and texts go in, a small file comes out, and it recommends. All of it in this tab: nothing
          leaves your machine.
        </p>
      </header>
      <main>
        <Data />
        {data.value && <Vectors />}
        {(data.value || paused.value) && <Train />}
        {recommender.value && <Try />}
        {recommender.value && <Take />}
      </main>
      <Status />
    </>
  );
}

/** One line that keeps its place, so that nothing moves when something is said. */
function Status() {
  const progress = busy.value;
  return (
    <footer class="status">
      {failure.value ? (
        <p role="alert">{failure.value}</p>
      ) : (
        <p role="status">
          {progress ? `${progress.what} …` : 'Ready.'}{' '}
          {progress?.share != null && <progress aria-label={progress.what} value={progress.share} max={1} />}
        </p>
      )}
    </footer>
  );
}
