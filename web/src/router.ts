import { createRouter, createWebHistory } from 'vue-router';
import { useAccount } from '@/stores/account';
import OverviewPage from '@/pages/OverviewPage.vue';

export const router = createRouter({
  history: createWebHistory('/'),
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  routes: [
    { path: '/', name: 'overview', component: OverviewPage },
    { path: '/login', name: 'login', component: () => import('@/pages/LoginPage.vue'), meta: { open: true } },
    { path: '/welcome', name: 'welcome', component: () => import('@/pages/LoginPage.vue'), meta: { open: true } },
    { path: '/live', name: 'live', component: () => import('@/pages/LivePage.vue') },
    { path: '/network/:id?', name: 'network', component: () => import('@/pages/NetworkPage.vue') },
    { path: '/chargers', name: 'chargers', component: () => import('@/pages/ChargersPage.vue') },
    { path: '/chargers/:id', name: 'charger', component: () => import('@/pages/ChargerPage.vue') },
    { path: '/sessions', name: 'sessions', component: () => import('@/pages/SessionsPage.vue') },
    { path: '/sessions/:id', name: 'session', component: () => import('@/pages/SessionPage.vue') },
    { path: '/dispatch', name: 'dispatch', component: () => import('@/pages/DispatchPage.vue') },
    { path: '/alarms', name: 'alarms', component: () => import('@/pages/AlarmsPage.vue') },
    { path: '/tariff', name: 'tariff', component: () => import('@/pages/TariffPage.vue') },
    { path: '/users', name: 'users', component: () => import('@/pages/UsersPage.vue') },
    { path: '/audit', name: 'audit', component: () => import('@/pages/AuditPage.vue') },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('@/pages/MissingPage.vue') },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  const account = useAccount();
  if (!account.asked) await account.load().catch(() => undefined);
  if (account.asked && !account.user) return { name: 'login', query: to.fullPath === '/' ? {} : { to: to.fullPath } };
  return true;
});
