// The operations a person may send to an OCPP 1.6 charger, each with a payload to start from.
export interface Command {
  action: string;
  /** Interrupts a customer or moves something: asked once more before it is sent. */
  danger?: boolean;
  payload: (connector: number, session: number | null) => Record<string, unknown>;
}

export const COMMANDS: readonly Command[] = [
  { action: 'TriggerMessage', payload: (connector) => ({ requestedMessage: 'StatusNotification', connectorId: connector }) },
  { action: 'RemoteStartTransaction', payload: (connector) => ({ connectorId: connector, idTag: '' }) },
  { action: 'RemoteStopTransaction', danger: true, payload: (_connector, session) => ({ transactionId: session ?? 0 }) },
  { action: 'UnlockConnector', danger: true, payload: (connector) => ({ connectorId: connector }) },
  { action: 'ChangeAvailability', danger: true, payload: (connector) => ({ connectorId: connector, type: 'Inoperative' }) },
  { action: 'Reset', danger: true, payload: () => ({ type: 'Soft' }) },
  { action: 'GetConfiguration', payload: () => ({}) },
  { action: 'ChangeConfiguration', danger: true, payload: () => ({ key: 'HeartbeatInterval', value: '300' }) },
  { action: 'GetCompositeSchedule', payload: (connector) => ({ connectorId: connector, duration: 3600, chargingRateUnit: 'W' }) },
  { action: 'ClearCache', payload: () => ({}) },
];
