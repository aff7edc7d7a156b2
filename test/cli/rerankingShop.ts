import { type ChatServer, chatServer, ranks } from '../chat/chatServer.ts';
import { Cli } from './runCli.ts';
import { csv, smallShop } from './smallShop.ts';

/** A shop with a trained model, `model.safetensors`, and a chat model that is asked to order its items. */
export class RerankingShop {
  readonly cli: Cli;
  server: ChatServer;

  private constructor(cli: Cli, server: ChatServer) {
    this.cli = cli;
    this.server = server;
  }

  static async create(): Promise<RerankingShop> {
    const [cli, server] = await Promise.all([Cli.create(), chatServer()]);
    const { interactions, items } = smallShop();
    cli.write('ratings.csv', csv(['user_id', 'item_id', 'rating', 'timestamp'], interactions));
    cli.write('products.csv', csv(['item_id', 'title', 'description'], items));
    const inputs = ['--interactions', 'ratings.csv', '--items', 'products.csv', '--model', 'ease'];
    const { code, stderr } = cli.run('train', ...inputs, '--quiet', '--out', 'model.safetensors');
    if (code !== 0) throw new Error(stderr);
    return new RerankingShop(cli, server);
  }

  /** Forgets what was asked; from now on the chat model ranks by the number at the end of a title. */
  reset(): void {
    this.server.requests.length = 0;
    this.server.behave = ranks((title) => -numberOf(title));
  }

  /** The flags that have this chat model asked. */
  get flags(): string[] {
    return ['--rerank', '--chat', this.server.url, '--chat-model', 'm'];
  }

  /** Ends the chat model's service, and puts a new one in its place. */
  async restart(during: () => Promise<void>): Promise<void> {
    await this.server.close();
    await during();
    this.server = await chatServer();
  }

  async close(): Promise<void> {
    this.cli.remove();
    await this.server.close();
  }
}

/** The number at the end of a title. */
export const numberOf = (title: string): number => Number(/\d+$/.exec(title)?.[0] ?? 0);

/** The title of an item of the shop. */
export const titleOf = (id: string): string => smallShop().items.find(([item]) => item === id)![1];
