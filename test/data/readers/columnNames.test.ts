import { describe, expect, it } from 'vitest';
import { readInteractions } from '../../../src/data/readers/readInteractions.ts';
import { lines } from './publicForms.ts';

const layoutOf = async (header: string) => {
  const { report } = await readInteractions(lines((r) => `${r.user},i${r.item}`, header));
  return report;
};

describe('names of columns', () => {
  it.each([
    'Client,Product',
    'cust_no,product_sku',
    'user_pseudo_id,item_id',
    'profileName,asin',
    'visitorid,itemid',
    'reviewerID,asin',
    'uid,mid',
    'household_key,PRODUCT_ID',
    'Customer Username,Lineitem sku',
    'nickname,product_handle',
    'Käufer-Nr.,Artikelnummer',
    'ID_cliente,id_producto',
    'utilisateur,livre',
    'cliente,prodotto',
    'usuário_id,filme_id',
    'gebruiker,boek_id',
    'пользователь,товар',
    'kullanıcı_id,ürün_id',
    '用户编号,商品ID',
    'ユーザーID,商品コード',
    '회원번호,상품번호',
    'anonymousId,properties.product_id',
    'Kunden-ID,EAN13',
    'cust_id,artnr',
    'User ID (hashed),Item ID',
    'Customer Identifier,Product Code',
    'numero_cliente,codice_prodotto',
    'identifiant_client,reference_produit',
  ])('%s are a user and an item', async (header) => {
    const { layout, notes } = await layoutOf(header);
    const [user, item] = header.split(',');
    expect(layout).toContain(`user ${JSON.stringify(user)}, item ${JSON.stringify(item)}`);
    expect(notes).toEqual([]);
  });

  it.each(['session_id', 'order_id', 'Order ID', 'InvoiceNo', 'basket', 'handle'])(
    '%s counts as the user for want of a better, which is said',
    async (name) => {
      const { layout, notes } = await layoutOf(`${name},item_id`);
      expect(layout).toContain(`user ${JSON.stringify(name)}`);
      expect(notes).toEqual([
        { text: `each value of ${JSON.stringify(name)} counts as a user`, option: 'userColumn' },
      ]);
    },
  );

  it('people go before orders, ids before names, and a handle is what is missing', async () => {
    expect((await layoutOf('customer_id,product_id')).layout).toContain('user "customer_id"');
    const { report } = await readInteractions(
      lines((r) => `o,${r.user},n,i${r.item}`, 'InvoiceNo,CustomerID,customer_name,StockCode'),
    );
    expect(report.layout).toContain('user "CustomerID", item "StockCode"');
    expect((await layoutOf('user_id,handle')).layout).toContain('user "user_id", item "handle"');
    await expect(layoutOf('handle,name')).rejects.toThrow('expected a column for the user');
  });

  it('words that may be anything are no ids', async () => {
    await expect(layoutOf('author,content')).rejects.toThrow(
      /expected a column for the user, found .*userColumn/,
    );
    await expect(layoutOf('user_id,title')).rejects.toThrow(
      /expected a column for the item, found .*itemColumn/,
    );
  });
});
