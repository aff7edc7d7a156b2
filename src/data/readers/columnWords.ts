/** What a column can be for. */
export type ColumnRole = 'user' | 'item' | 'rating' | 'timestamp' | 'title' | 'id' | 'image';

/** Words of a role: names are made of them by the rule of `columnNames.ts`. */
export interface RoleWords {
  /** names that stand for themselves, in the order in which they are preferred */
  readonly names?: string;
  /** what the ids are of: `customer` gives customer_id, CustomerNo, customer …, in this order */
  readonly nouns?: string;
  /** nouns that count beside a word for an identifier only */
  readonly idNouns?: string;
  /** names that are taken where nothing else is found */
  readonly lastNames?: string;
  /** nouns that are taken where nothing else is found, and are mentioned then */
  readonly lastNouns?: string;
  /** likewise, beside a word for an identifier only */
  readonly lastIdNouns?: string;
  /** what times are of: `click` gives click_time, timestamp_click, clicked_at … */
  readonly occasions?: string;
  /** names of addresses that are of one person */
  readonly addresses?: string;
  /** nouns beside which a name or a login is an id, too: user_name */
  readonly named?: string;
}

/** Words behind a noun for an identifier: customer_id, kunden_nr, 用户编号. */
export const ID_WORDS =
  'id ids idx index no nr num number numero nummer key code uid uuid guid hash pseudoid fakeid orgid sku handle uri ' +
  'identifier identifiant reference ref codice codigo ' +
  'ид номер код 编号 号 代码 番号 コード 번호 아이디 코드';

/** Words for a time beside what it is of. */
export const TIME_WORDS = 'timestamp timestampms time timems datetime ts at date on dt datum';

/** Words behind a noun of people for an identifier that is a name. */
export const NAME_WORDS = 'name login handle username email';

const USER_NOUNS =
  'user reviewer customer cust visitor member client person people profile account buyer shopper consumer ' +
  'subscriber viewer listener reader player guest student learner household participant rater patron ' +
  'benutzer nutzer kunde kunden kaufer besucher mitglied utilisateur acheteur visiteur usuario cliente comprador ' +
  'utente utilizador gebruiker klant anvandare kund uzytkownik klient пользователь пользователя клиент покупатель ' +
  'kullanici musteri 用户 会员 客户 顾客 使用者 用戶 會員 ユーザー ユーザ 顧客 会員 사용자 회원 고객 유저';

const ITEM_NAMES =
  'itemid item iid productid movieid parentasin asin isbn isbn13 bookid sku stockcode productcode productsku ' +
  'gtin ean ean13 upc mid artnr артикул';

const ITEM_NOUNS =
  'item product movie film book article lineitem track song artist album game anime manga recipe joke hotel restaurant podcast ' +
  'artikel produkt buch produit livre producto articulo pelicula libro prodotto produto artigo filme livro boek bok ' +
  'ksiazka товар товара фильм книга продукт urun kitap 商品 物品 产品 產品 电影 電影 图书 歌曲 视频 アイテム 映画 作品 상품 ' +
  '아이템 영화 제품';

/** Nouns that name an item's id only beside a word for one: a place or a title alone is what it says. */
const ITEM_ID_NOUNS =
  'business gmap app video poi venue place location beer beerbeer wine course job listing offer ad advert post tweet document ' +
  'doc paper bookmark show series episode content program programme photo image pin repo repository package url ' +
  'work variant material stock goods merchandise title news goodreadsbook steamapp';

const TITLE_NOUNS =
  'movie film book product item game app artist track song prod article recipe anime news show';

/** The words of each role. Those of public data sets and of shops' exports, in the languages that such files come in. */
export const ROLE_WORDS: Readonly<Record<ColumnRole, RoleWords>> = {
  user: {
    names:
      'userid user uid reviewerid customerid visitorid memberid msno steamid fullvisitorid userpseudoid clientid ' +
      'deviceid cookieid anonymousid reviewprofilename profilename nickname login screenname',
    nouns: USER_NOUNS,
    named: USER_NOUNS,
    lastIdNouns:
      'session sess visit order invoice basket transaction trans cart receipt ticket playlist purchase bestell ' +
      'rechnungs warenkorb commande pedido ordine 订单 訂單 注文 주문',
    addresses: 'email emailaddress mail mailaddress',
    lastNames: 'session basket invoice cart handle pid',
  },
  item: {
    names: ITEM_NAMES,
    nouns: ITEM_NOUNS,
    idNouns: ITEM_ID_NOUNS,
    lastNouns:
      'items itemlist products movies films books articles songs tracks videos games basket cart history clicked ' +
      'purchased produkte produits productos work',
    lastNames: 'aid handle pid',
  },
  id: {
    names: ITEM_NAMES,
    nouns: ITEM_NOUNS,
    idNouns: ITEM_ID_NOUNS,
    lastNames: 'key code no nr number uid uuid guid handle slug',
  },
  rating: {},
  timestamp: {
    names:
      'unixreviewtime unixtime unixtimestamp timestamp timestamps timestampms timems time timems eventtime utctimestamp ' +
      'datetime epoch ts utctime occurredat zeitstempel zeitpunkt horodatage fechahora dataora tijdstip tidpunkt 时间戳 ' +
      '日時 일시 date dat reviewtime tdat mylastupdated lastupdated datum zeit heure fecha hora data tijd tid czas дата ' +
      'время tarih zaman uhrzeit 时间 日期 時間 時刻 날짜 시간 day week',
    occasions:
      'event click order purchase review rating view visit checkin check transaction trans invoice impression start ' +
      'created create creation added add updated update modified submission submitted posted post viewed visited clicked ' +
      'ordered purchased rated watched watch played play listened listen interaction action utc local server first last ' +
      'log entry session request received sent bestell kauf rechnungs auftrags beleg liefer buchungs',
  },
  title: {
    names:
      'title name movietitle booktitle producttitle productname itemname itemtitle gamename appname artistname trackname ' +
      'songtitle prodname productdisplayname originaltitle primarytitle displayname label headline subject ' +
      'titel bezeichnung produktname artikelname titre nom nomproduit libelle titulo nombre titolo nome naam namn ' +
      'tytul nazwa название наименование имя baslik isim 标题 名称 名字 片名 书名 商品名称 商品名 標題 名稱 タイトル 題名 名前 ' +
      '제목 이름 상품명',
    nouns: TITLE_NOUNS,
    lastNames: `${TITLE_NOUNS} produkt artikel produit producto prodotto urun 商品 产品 电影 图书 作品 상품 영화`,
  },
  image: {
    names:
      'imageurlhighres imageurll imageurlm image imageurl images imageurls imurl imgurl img imagepath imagefile imagefilename imagelink imagesrc mainimage ' +
      'primaryimage picture pictureurl photo photourl thumbnail thumbnailurl cover coverurl ' +
      'poster posterurl posterpath bild bildurl imagen foto',
  },
};

/** Names of columns with numbers of feedback by what the numbers mean, in the order in which they are preferred. */
export const FEEDBACK_WORDS = {
  rating:
    'rating ratings overall stars star score bookrating userrating movierating reviewrating reviewscore starrating ' +
    'ratingvalue ratingscore reviewoverall preference grade userscore myrating myscore rui ' +
    'bewertung sterne calificacion puntuacion valoracion evaluation valutazione voto avaliacao nota beoordeling betyg ' +
    'ocena оценка рейтинг puan 评分 得分 打分 評分 評価 評点 평점 별점',
  count:
    'plays playcount listens listencount count quantity qty weight numplays hours hoursplayed playtime ' +
    'playtimeforever playduration watchtime watchratio frequency visits views purchases clicks amount counts ' +
    'listeningtime dwelltime units unitssold menge anzahl quantite cantidad quantita quantidade aantal antal ilosc ' +
    'количество adet 数量 次数 播放次数 수량 횟수',
  label:
    'label labels like liked isliked click clicked isclick recommended isrecommended recommend votedup purchased ' +
    'target isbought bought upvoted upvote sentiment reaction thumbs feedback',
} as const;
