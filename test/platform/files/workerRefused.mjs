// What a Worker meets that was bundled without the condition `workerd` and passes no module.
import { load } from 'llminit/serve';

export default {
  fetch: () =>
    load().then(
      () => new Response('loaded'),
      (error) => new Response(`${error.name}: ${error.message}`),
    ),
};
