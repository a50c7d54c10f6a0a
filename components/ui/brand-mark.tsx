import type { PageBrand } from '@/lib/contract';
import styles from './brand-mark.module.css';

/** Whose page it is: the logo, or a symbol and the name; where nobody is named, the symbol alone. */
export function BrandMark({ name, logo }: Pick<PageBrand, 'name' | 'logo'>) {
  return (
    <div className={styles.mark}>
      {logo ? <img className={styles.logo} src={logo} alt={name ?? ''} /> : <span className={styles.symbol} />}
      {!logo && name && <bdi className={styles.name}>{name}</bdi>}
    </div>
  );
}
