import type { WaysMessages } from './messages';

export const fr: WaysMessages = {
  signIn: {
    title: 'Vérification sans SMS',
    totp: {
      heading: 'Utilisez votre application d’authentification',
      label: 'Code de l’application',
      hint: 'Saisissez les 6 chiffres affichés par l’application.',
      instead: 'Utiliser l’application',
    },
    'recovery-code': {
      heading: 'Utilisez un code de secours',
      label: 'Code de secours',
      hint: 'Majuscules et tirets n’ont pas d’importance.',
      instead: 'Utiliser un code de secours',
    },
    back: 'Recevoir un code par téléphone',
  },
  lead: 'Pour le {number}, en plus des codes par téléphone.',
  weaker:
    'Le SMS est le moyen le moins sûr\u202f: d’autres personnes peuvent l’intercepter ou détourner votre numéro. Une clé d’accès ou une application d’authentification vous en protège.',
  verifyFirst: 'Vérifiez d’abord votre numéro de téléphone. Vous pourrez ensuite ajouter d’autres moyens.',
  verify: 'Vérifier mon numéro',
  confirmHeading: 'Confirmez votre identité',
  types: { passkey: 'Clé d’accès', totp: 'Application d’authentification' },
  synced: 'Synchronisée entre vos appareils',
  addedOn: 'Ajoutée le {date}',
  usedOn: 'Dernière utilisation le {date}',
  unused: 'Pas encore utilisée',
  remove: 'Supprimer',
  removeNamed: 'Supprimer {name}',
  removal: {
    heading: 'Supprimer {name}\u202f?',
    text: 'Vous ne pourrez plus l’utiliser pour la vérification.',
    last: 'C’est votre dernier moyen en dehors des codes par téléphone. Vos codes de secours ne fonctionneront plus non plus.',
    keep: 'La conserver',
  },
  name: 'Nom',
  nameHint: 'Facultatif. Il vous aidera à la reconnaître.',
  passkeyText:
    'Vous utiliserez votre empreinte, votre visage ou le verrouillage de l’écran. Rien à saisir, rien à intercepter.',
  appText: 'L’application affiche un nouveau code toutes les 30 secondes, même hors connexion.',
  addApp: 'Ajouter une application',
  enroll: {
    heading: 'Configurez votre application d’authentification',
    scan: 'Scannez ce code QR avec l’application.',
    qr: 'Code QR pour l’application d’authentification',
    key: 'Impossible de le scanner\u202f? Saisissez cette clé dans l’application\u00a0:',
    label: 'Code de l’application',
    hint: 'Saisissez les 6 chiffres affichés par l’application.',
    add: 'Ajouter l’application',
    cancel: 'Annuler',
  },
  recovery: {
    heading: 'Codes de secours',
    text: 'Utilisez-les si vous perdez tout le reste. Chaque code ne sert qu’une fois.',
    left: { one: 'Il reste {count} code.', other: 'Il reste {count} codes.' },
    create: 'Créer des codes de secours',
    renew: 'Créer de nouveaux codes',
    renewText: 'Vos codes précédents ne fonctionneront plus.',
  },
  codes: {
    heading: 'Conservez vos codes de secours',
    text: 'Nous ne les afficherons plus. Gardez-les en lieu sûr, mais pas uniquement sur votre téléphone.',
    copy: 'Copier',
    copied: 'Copiés',
    print: 'Imprimer',
    done: 'Je les ai conservés',
  },
  reset: {
    heading: 'Vous n’avez plus accès à aucun d’eux\u202f?',
    text: 'Vous pouvez demander une réinitialisation. Au bout de 7 jours, un code par téléphone suffira pour configurer une nouvelle clé ou application. Si l’un des anciens moyens est utilisé d’ici là, la demande est annulée. Ce délai vous protège si quelqu’un détourne votre numéro.',
    request: 'Demander la réinitialisation',
    pending:
      'Une réinitialisation a été demandée. Elle prendra effet le {date}. Si vous utilisez l’un de vos moyens d’ici là, elle sera annulée.',
    open: 'La réinitialisation a pris effet. Ajoutez maintenant une clé d’accès ou une application d’authentification. Elle remplacera tout ce que vous aviez.',
  },
};
