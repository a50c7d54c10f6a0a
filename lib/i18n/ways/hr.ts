import type { WaysMessages } from './messages';

export const hr: WaysMessages = {
  signIn: {
    title: 'Potvrda bez SMS-a',
    totp: {
      heading: 'Upotrijebite aplikaciju za autentifikaciju',
      label: 'Kôd iz aplikacije',
      hint: 'Unesite 6 znamenki koje aplikacija sada prikazuje.',
      instead: 'Upotrijebi aplikaciju',
    },
    'recovery-code': {
      heading: 'Upotrijebite kôd za oporavak',
      label: 'Kôd za oporavak',
      hint: 'Velika slova i crtice nisu važni.',
      instead: 'Upotrijebi kôd za oporavak',
    },
    back: 'Zatraži kôd na telefon',
  },
  lead: 'Za broj {number}, uz kodove na telefon.',
  weaker:
    'SMS je najmanje siguran način potvrde: drugi ga mogu presresti ili preuzeti vaš broj. Pristupni ključ ili aplikacija za autentifikaciju štiti vas od toga.',
  verifyFirst: 'Najprije potvrdite svoj broj telefona. Zatim možete dodati druge načine.',
  verify: 'Potvrdi broj telefona',
  confirmHeading: 'Potvrdite da ste to vi',
  types: { passkey: 'Pristupni ključ', totp: 'Aplikacija za autentifikaciju' },
  synced: 'Sinkronizirano na vašim uređajima',
  addedOn: 'Dodano {date}',
  usedOn: 'Zadnji put korišteno {date}',
  unused: 'Još nije korišteno',
  remove: 'Ukloni',
  removeNamed: 'Ukloni: {name}',
  removal: {
    heading: 'Ukloniti {name}?',
    text: 'Više se nećete moći potvrditi na taj način.',
    last: 'To je vaš posljednji način uz kodove na telefon. Ni kodovi za oporavak više neće vrijediti.',
    keep: 'Zadrži',
  },
  name: 'Naziv',
  nameHint: 'Nije obavezno. Pomoći će vam da ga poslije prepoznate.',
  passkeyText:
    'Potvrđujete otiskom prsta, licem ili zaključavanjem zaslona. Ne morate ništa upisivati i nitko ništa ne može presresti.',
  appText: 'Aplikacija svakih 30 sekundi prikazuje novi kôd, čak i bez veze.',
  addApp: 'Dodaj aplikaciju',
  enroll: {
    heading: 'Postavite aplikaciju za autentifikaciju',
    scan: 'Skenirajte ovaj QR kôd aplikacijom.',
    qr: 'QR kôd za aplikaciju za autentifikaciju',
    key: 'Ne možete ga skenirati? Upišite ovaj ključ u aplikaciju:',
    label: 'Kôd iz aplikacije',
    hint: 'Unesite 6 znamenki koje aplikacija sada prikazuje.',
    add: 'Dodaj aplikaciju',
    cancel: 'Odustani',
  },
  recovery: {
    heading: 'Kodovi za oporavak',
    text: 'Upotrijebite ih ako izgubite sve ostalo. Svaki kôd vrijedi jednom.',
    left: { one: 'Preostao je {count} kôd.', few: 'Preostala su {count} koda.', other: 'Preostalo je {count} kodova.' },
    create: 'Izradi kodove za oporavak',
    renew: 'Izradi nove kodove',
    renewText: 'Prijašnji kodovi više neće vrijediti.',
  },
  codes: {
    heading: 'Spremite kodove za oporavak',
    text: 'Nećemo ih više prikazati. Čuvajte ih na sigurnom mjestu, ali ne samo na telefonu.',
    copy: 'Kopiraj',
    copied: 'Kopirano',
    print: 'Ispiši',
    done: 'Spremljeni su',
  },
  reset: {
    heading: 'Nemate više pristup nijednom od njih?',
    text: 'Možete zatražiti poništavanje. Nakon 7 dana bit će dovoljan kôd na telefon da postavite novi ključ ili aplikaciju. Ako se dotad upotrijebi neki od starih načina, zahtjev se otkazuje. To vas čekanje štiti ako netko preuzme vaš broj.',
    request: 'Zatraži poništavanje',
    pending:
      'Zatraženo je poništavanje. Stupa na snagu {date}. Ako dotad upotrijebite bilo koji od svojih načina, otkazuje se.',
    open: 'Poništavanje je stupilo na snagu. Dodajte pristupni ključ ili aplikaciju za autentifikaciju. Time zamjenjujete sve dosadašnje.',
  },
};
