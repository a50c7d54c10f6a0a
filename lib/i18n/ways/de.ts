import type { WaysMessages } from './messages';

export const de: WaysMessages = {
  signIn: {
    title: 'Ohne SMS bestätigen',
    totp: {
      heading: 'Authenticator-App verwenden',
      label: 'Code aus der App',
      hint: 'Geben Sie die 6 Ziffern ein, die die App gerade anzeigt.',
      instead: 'Authenticator-App verwenden',
    },
    'recovery-code': {
      heading: 'Wiederherstellungscode verwenden',
      label: 'Wiederherstellungscode',
      hint: 'Groß- und Kleinschreibung sowie Striche spielen keine Rolle.',
      instead: 'Wiederherstellungscode nutzen',
    },
    back: 'Code aufs Telefon erhalten',
  },
  lead: 'Für {number}, neben Codes per Telefon.',
  weaker:
    'Eine SMS ist die unsicherste Methode: Andere können sie abfangen oder Ihre Nummer übernehmen. Ein Passkey oder eine Authenticator-App schützt Sie davor.',
  verifyFirst: 'Bestätigen Sie zuerst Ihre Telefonnummer. Danach können Sie weitere Methoden hinzufügen.',
  verify: 'Telefonnummer bestätigen',
  confirmHeading: 'Bestätigen Sie, dass Sie es sind',
  types: { passkey: 'Passkey', totp: 'Authenticator-App' },
  synced: 'Auf Ihren Geräten synchronisiert',
  addedOn: 'Hinzugefügt am {date}',
  usedOn: 'Zuletzt verwendet am {date}',
  unused: 'Noch nicht verwendet',
  remove: 'Entfernen',
  removeNamed: '{name} entfernen',
  removal: {
    heading: '{name} entfernen?',
    text: 'Sie können sich damit dann nicht mehr bestätigen.',
    last: 'Das ist Ihre letzte Methode neben Codes per Telefon. Auch Ihre Wiederherstellungscodes gelten dann nicht mehr.',
    keep: 'Behalten',
  },
  name: 'Name',
  nameHint: 'Optional. Damit erkennen Sie den Eintrag später wieder.',
  passkeyText:
    'Sie bestätigen mit Fingerabdruck, Gesicht oder Displaysperre. Sie müssen nichts eintippen, und niemand kann etwas abfangen.',
  appText: 'Die App zeigt alle 30 Sekunden einen neuen Code an, auch ohne Verbindung.',
  addApp: 'Authenticator-App hinzufügen',
  enroll: {
    heading: 'Authenticator-App einrichten',
    scan: 'Scannen Sie diesen QR-Code mit der App.',
    qr: 'QR-Code für die Authenticator-App',
    key: 'Scannen geht nicht? Geben Sie diesen Schlüssel in der App ein:',
    label: 'Code aus der App',
    hint: 'Geben Sie die 6 Ziffern ein, die die App gerade anzeigt.',
    add: 'App hinzufügen',
    cancel: 'Abbrechen',
  },
  recovery: {
    heading: 'Wiederherstellungscodes',
    text: 'Für den Fall, dass Sie alles andere verlieren. Jeder Code gilt einmal.',
    left: { one: 'Noch {count} Code übrig.', other: 'Noch {count} Codes übrig.' },
    create: 'Codes erstellen',
    renew: 'Neue Codes erstellen',
    renewText: 'Ihre bisherigen Codes gelten dann nicht mehr.',
  },
  codes: {
    heading: 'Wiederherstellungscodes sichern',
    text: 'Wir zeigen sie nicht noch einmal an. Bewahren Sie sie sicher auf, aber nicht nur auf Ihrem Telefon.',
    copy: 'Kopieren',
    copied: 'Kopiert',
    print: 'Drucken',
    done: 'Ich habe sie gesichert',
  },
  reset: {
    heading: 'Keine davon mehr verfügbar?',
    text: 'Sie können eine Zurücksetzung beantragen. Nach 7 Tagen reicht ein Code per Telefon, um einen neuen Passkey oder eine neue App einzurichten. Wird vorher eine der alten Methoden verwendet, ist der Antrag hinfällig. Diese Frist schützt Sie, falls jemand Ihre Nummer übernimmt.',
    request: 'Zurücksetzung beantragen',
    pending:
      'Eine Zurücksetzung wurde beantragt. Sie wird am {date} wirksam. Wenn Sie vorher eine Ihrer Methoden verwenden, ist der Antrag hinfällig.',
    open: 'Die Zurücksetzung ist wirksam. Fügen Sie jetzt einen Passkey oder eine Authenticator-App hinzu. Damit ersetzen Sie alles Bisherige.',
  },
};
