import type { Veto } from './veto.ts';

/** One word stands for another that is no synonym of it, and the rest answers to each other. */
export const differInOneWord: Veto = ({ leftOne, leftOther, lightOne, lightOther }) => {
  const [mine, yours] = [leftOne.length, leftOther.length];
  return mine + lightOne > 0 && yours + lightOther > 0 && mine + yours > 0 && mine <= 1 && yours <= 1;
};

/** Any content word that nothing answers to, on either side: only words that mean the same are left. */
export const differInAnyWord: Veto = ({ leftOne, leftOther }) => leftOne.length + leftOther.length > 0;
