// The model is part of the Worker and is opened while it starts, which no request pays for.
import { createHandler } from 'llminit/http';
import { Recommender } from 'llminit/serve';
import model from './model.bin';

const recommender = await Recommender.open(model);

export default { fetch: createHandler(recommender) };
