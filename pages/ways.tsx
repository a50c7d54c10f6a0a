import { WaysPage } from '@/components/factors/ways/ways-page';
import { waysProps } from '@/lib/http/ways-props';
import { getServices } from '@/lib/services';

/** This page exists only if factors other than codes by phone are on. */
export const getServerSideProps = waysProps(getServices);

export default WaysPage;
