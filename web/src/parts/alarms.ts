import type { Alarm } from '@/api/types';
import { placeOf } from '@/api/words';

/** The page of what an alarm is about. */
export function alarmPlace(alarm: Alarm): string | null {
  if (alarm.charger) return placeOf('charger', alarm.charger);
  return alarm.node ? placeOf('node', alarm.node) : null;
}
