import type { PageBrand } from '@/lib/contract';
import styles from './brand-mark.module.css';

/** The brand of the page: its logo, or a symbol and its name. Without a brand, the symbol alone. */
export function BrandMark({ name, logo }: Pick<PageBrand, 'name' | 'logo'>) {
  return (
    <div className={styles.mark}>
      {logo ? <img className={styles.logo} src={logo} alt={name ?? ''} /> : <span className={styles.symbol} />}
      {!logo && name && <bdi className={styles.name}>{name}</bdi>}
    </div>
  );
}
