import type { WaysMessages } from './messages';

export const es: WaysMessages = {
  signIn: {
    title: 'Verificación sin SMS',
    totp: {
      heading: 'Use su aplicación de autenticación',
      label: 'Código de la aplicación',
      hint: 'Escriba los 6 dígitos que muestra ahora la aplicación.',
      instead: 'Usar la aplicación',
    },
    'recovery-code': {
      heading: 'Use un código de recuperación',
      label: 'Código de recuperación',
      hint: 'No importan las mayúsculas ni los guiones.',
      instead: 'Usar un código de recuperación',
    },
    back: 'Recibir un código en el teléfono',
  },
  lead: 'Para {number}, además de los códigos por teléfono.',
  weaker:
    'El SMS es el método menos seguro: otras personas pueden interceptarlo o apropiarse de su número. Una llave de acceso o una aplicación de autenticación le protege de ello.',
  verifyFirst: 'Verifique primero su número de teléfono. Después podrá añadir otros métodos.',
  verify: 'Verificar mi número',
  confirmHeading: 'Confirme que es usted',
  types: { passkey: 'Llave de acceso', totp: 'Aplicación de autenticación' },
  synced: 'Sincronizada entre sus dispositivos',
  addedOn: 'Añadida el {date}',
  usedOn: 'Último uso: {date}',
  unused: 'Sin usar todavía',
  remove: 'Eliminar',
  removeNamed: 'Eliminar {name}',
  removal: {
    heading: '¿Eliminar {name}?',
    text: 'Ya no podrá usarla para verificarse.',
    last: 'Es su último método aparte de los códigos por teléfono. Sus códigos de recuperación también dejarán de funcionar.',
    keep: 'Conservarla',
  },
  name: 'Nombre',
  nameHint: 'Opcional. Le ayudará a reconocerla más adelante.',
  passkeyText:
    'Se verificará con su huella, su rostro o el bloqueo de pantalla. No hay nada que escribir ni que interceptar.',
  appText: 'La aplicación muestra un código nuevo cada 30 segundos, incluso sin conexión.',
  addApp: 'Añadir aplicación',
  enroll: {
    heading: 'Configure su aplicación de autenticación',
    scan: 'Escanee este código QR con la aplicación.',
    qr: 'Código QR para la aplicación de autenticación',
    key: '¿No puede escanearlo? Escriba esta clave en la aplicación:',
    label: 'Código de la aplicación',
    hint: 'Escriba los 6 dígitos que muestra ahora la aplicación.',
    add: 'Añadir la aplicación',
    cancel: 'Cancelar',
  },
  recovery: {
    heading: 'Códigos de recuperación',
    text: 'Úselos si pierde todo lo demás. Cada código sirve una sola vez.',
    left: { one: 'Queda {count} código.', other: 'Quedan {count} códigos.' },
    create: 'Crear códigos de recuperación',
    renew: 'Crear códigos nuevos',
    renewText: 'Sus códigos anteriores dejarán de funcionar.',
  },
  codes: {
    heading: 'Guarde sus códigos de recuperación',
    text: 'No volveremos a mostrarlos. Guárdelos en un lugar seguro, pero no solo en el teléfono.',
    copy: 'Copiar',
    copied: 'Copiados',
    print: 'Imprimir',
    done: 'Ya los he guardado',
  },
  reset: {
    heading: '¿Ya no tiene acceso a ninguno?',
    text: 'Puede solicitar un restablecimiento. Pasados 7 días, bastará un código por teléfono para configurar una llave o una aplicación nuevas. Si antes se usa alguno de los métodos anteriores, la solicitud se cancela. Esta espera le protege si alguien se apropia de su número.',
    request: 'Solicitar restablecimiento',
    pending:
      'Se ha solicitado un restablecimiento. Surtirá efecto el {date}. Si antes usa alguno de sus métodos, se cancelará.',
    open: 'El restablecimiento ya es efectivo. Añada ahora una llave de acceso o una aplicación de autenticación. Sustituirá todo lo anterior.',
  },
};
