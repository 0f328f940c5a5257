// What npm installed outside the checkout. ES modules do not look there by themselves.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.LIBRARIES}/package.json`);

export const { chromium } = require('playwright-core');
export const axeSource = require('axe-core').source;
