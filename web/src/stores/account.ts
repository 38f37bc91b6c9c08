import { defineStore } from 'pinia';
import { ref } from 'vue';
import { api, ApiError } from '@/api/client';
import type { User } from '@/api/types';

export const useAccount = defineStore('account', () => {
  const user = ref<User | null>(null);
  const asked = ref(false);

  /** Who is logged in; a server that says "nobody" is an answer, any other failure is thrown. */
  async function load(): Promise<void> {
    try {
      user.value = (await api.get<{ user: User }>('/me')).user;
      asked.value = true;
    } catch (error) {
      user.value = null;
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      asked.value = true;
    }
  }
  async function login(body: { name: string; password: string; one_time_token?: string }): Promise<void> {
    user.value = (await api.post<{ user: User }>('/login', body)).user;
    asked.value = true;
  }
  async function logout(): Promise<void> {
    await api.post('/logout');
    user.value = null;
  }
  return { user, asked, load, login, logout };
});
