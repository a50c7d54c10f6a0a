import { AuthType, Infobip } from '@infobip-api/sdk';

const infobip = new Infobip({
  baseUrl: process.env.INFOBIP_BASE_URL,
  apiKey: process.env.INFOBIP_API_KEY,
  authType: AuthType.ApiKey,
});

/** The other half of the tutorials' code: the client keeps Infobip's pinId. */
export default async function handler(req, res) {
  if (req.method !== 'POST') {
    return res.status(405).json({ message: 'Method not allowed' });
  }
  const { pinId, pin } = req.body;
  if (!pinId || !pin) {
    return res.status(400).json({ message: 'Missing pinId or pin' });
  }
  try {
    const response = await infobip.service.twoFA.verifyPhoneNumber(pinId, { pin });
    console.log('OTP verified:', response.data);
    return res.status(200).json({ verified: response.data.verified });
  } catch (error) {
    console.error('Error verifying OTP:', error);
    return res.status(500).json({ message: 'Failed to verify OTP' });
  }
}
