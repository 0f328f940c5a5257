// Loads packages that npm installed outside the checkout, where ES modules do not search.
import { createRequire } from 'node:module';

const require = createRequire(`${process.env.LIBRARIES}/package.json`);

export const { chromium } = require('playwright-core');
export const axeSource = require('axe-core').source;
export const typescript = require('typescript');
export const openApiTypes = require('openapi-typescript');
