import { AuthType, Infobip } from '@infobip-api/sdk';

const infobip = new Infobip({
  baseUrl: process.env.INFOBIP_BASE_URL,
  apiKey: process.env.INFOBIP_API_KEY,
  authType: AuthType.ApiKey,
});

/** The code that tutorials show: a regular expression, the SDK, and a line on the console. */
export default async function handler(req, res) {
  if (req.method !== 'POST') {
    return res.status(405).json({ message: 'Method not allowed' });
  }
  const { phoneNumber } = req.body;
  if (!phoneNumber || !/^\+[1-9]\d{7,14}$/.test(phoneNumber)) {
    return res.status(400).json({ message: 'Invalid phone number' });
  }
  try {
    const response = await infobip.service.twoFA.sendPINCodeSMS({
      applicationId: process.env.INFOBIP_2FA_APP_ID,
      messageId: process.env.INFOBIP_2FA_MESSAGE_ID,
      to: phoneNumber.slice(1),
    });
    console.log('OTP sent:', response.data);
    return res.status(200).json({ message: 'OTP sent successfully', pinId: response.data.pinId });
  } catch (error) {
    console.error('Error sending OTP:', error);
    return res.status(500).json({ message: 'Failed to send OTP' });
  }
}
