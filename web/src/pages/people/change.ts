// What is different about an account.
import type { Role, User, UserChange } from '../../api/types';

export interface Wanted {
  role: Role;
  buildings: string[];
  password: string;
}

/** Only what somebody has changed is sent: the rest may have been changed by somebody else meanwhile. */
export function changeOf(user: User, wanted: Wanted): UserChange {
  const isSameReach = [...user.buildings].sort().join() === [...wanted.buildings].sort().join();
  return {
    ...(wanted.role !== user.role && { role: wanted.role }),
    ...(!isSameReach && { buildings: wanted.buildings }),
    ...(wanted.password && { password: wanted.password }),
  };
}
