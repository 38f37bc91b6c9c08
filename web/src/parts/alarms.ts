import type { Alarm } from '@/api/types';
import { placeOf } from '@/api/words';

export const alarmTime = (alarm: Alarm): string | null => alarm.at ?? alarm.since ?? null;

/** The page of what an alarm is about. */
export function alarmPlace(alarm: Alarm): string | null {
  if (alarm.subject) return placeOf(alarm.subject.kind, alarm.subject.id);
  if (alarm.charger) return placeOf('charger', alarm.charger);
  if (alarm.session !== undefined && alarm.session !== null) return placeOf('session', alarm.session);
  return alarm.node ? placeOf('node', alarm.node) : null;
}
