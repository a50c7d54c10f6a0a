import { fetchPageState, PhoneVerification } from '@phone-verification/react';
import { useEffect, useState } from 'react';

export default function SignUp() {
  const [loaded, setLoaded] = useState();
  const [phoneNumber, setPhoneNumber] = useState();
  useEffect(() => {
    fetchPageState().then(setLoaded);
  }, []);

  return (
    <main>
      {loaded?.ok && <PhoneVerification state={loaded.reply} onVerified={setPhoneNumber} />}
      {loaded?.ok === false && <p>The verification could not load. Reload the page.</p>}
      {phoneNumber && <p>Your number is {phoneNumber}.</p>}
    </main>
  );
}
