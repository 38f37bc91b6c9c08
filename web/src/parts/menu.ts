// Only places that exist. `d` is an icon on a 20 × 20 grid.
export interface Place {
  name: string;
  path: string;
  d: string;
}
export const MENU: { group: string; places: Place[] }[] = [
  { group: '', places: [{ name: 'overview', path: '/', d: 'M3 10.5 10 4l7 6.5M5 9v7h10V9M8.5 16v-4h3v4' }] },
  {
    group: 'operate',
    places: [
      { name: 'live', path: '/live', d: 'M10 17.5s-5.5-4.9-5.5-9a5.5 5.5 0 0 1 11 0c0 4.1-5.5 9-5.5 9zM10 10.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z' },
      { name: 'network', path: '/network', d: 'M10 3v4M10 7H4.5v4M10 7h5.5v4M10 7v4M2.8 11h3.4v3.4H2.8zM8.3 11h3.4v3.4H8.3zM13.8 11h3.4v3.4h-3.4z' },
      { name: 'chargers', path: '/chargers', d: 'M4 17V4.5A1.5 1.5 0 0 1 5.5 3h5A1.5 1.5 0 0 1 12 4.5V17M3 17h10M12 10h1.5v3.8a1.2 1.2 0 0 0 2.5 0V8l-2-2.5M8.5 6 6.8 9.3h2.4L7.5 12.6' },
      { name: 'sessions', path: '/sessions', d: 'M11 2.5 4.5 11H9l-.8 6.5L15.5 8.5H11z' },
      { name: 'dispatch', path: '/dispatch', d: 'M3 16V9M7.5 16V5M12 16v-5M16.5 16V7' },
      { name: 'alarms', path: '/alarms', d: 'M10 3a4.5 4.5 0 0 1 4.5 4.5c0 4 1.5 5.5 1.5 5.5H4s1.5-1.5 1.5-5.5A4.5 4.5 0 0 1 10 3zM8.5 16a1.6 1.6 0 0 0 3 0' },
    ],
  },
  { group: 'money', places: [{ name: 'tariff', path: '/tariff', d: 'M5 3.5l5 6 5-6M10 9.5v7.5M6 10.5h8M6 13.5h8' }] },
  {
    group: 'admin',
    places: [
      { name: 'users', path: '/users', d: 'M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c0-3.5 2.7-5.5 6-5.5s6 2 6 5.5' },
      { name: 'audit', path: '/audit', d: 'M5 3h7l3 3v11H5zM7.5 8.5h5M7.5 11.5h5M7.5 14.5h3' },
    ],
  },
];
