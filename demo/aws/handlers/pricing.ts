/** The simulated Price List: products made from the project's own price books. */

import type { Filter, GetProductsRequest, GetProductsResponse } from '@aws-sdk/client-pricing';
import * as sdk from '@aws-sdk/client-pricing';
import { pageOf } from './paging.ts';
import { type Product, productsOf, regionsWithPrices, toPriceListItem } from './pricing-products.ts';
import { pageSize, scopeOf } from './requests.ts';
import { AwsFault, type HandlerContext, operation, type ServiceTable } from './types.ts';

const INVALID = 'InvalidParameterException';
/** The Price List is asked in these regions for all others. */
const ENDPOINTS = ['us-east-1', 'eu-central-1', 'ap-south-1'];

/** GetProducts: 100 a page; each entry of `PriceList` is JSON in a string. */
function getProducts(input: GetProductsRequest, context: HandlerContext): GetProductsResponse {
  if (!ENDPOINTS.includes(context.region.region)) {
    throw new AwsFault(INVALID, `The Price List has no endpoint in ${context.region.region}.`);
  }
  const { ServiceCode: service } = input;
  if (service !== 'AmazonECS' && service !== 'AmazonEC2') {
    throw new AwsFault(INVALID, `The simulated AWS has no prices of ${service}.`);
  }
  const filters = input.Filters ?? [];
  const tests = filters.map(filterTest);
  const products = regionsAsked(filters)
    .flatMap((region) => productsOf(service, region))
    .filter((product) => tests.every((test) => test(product)))
    .flatMap((product) => {
      const changed = context.world.listPrices?.get(product.attributes.usagetype ?? '');
      if (changed === null) return [];
      return [changed === undefined ? product : { ...product, usd: changed }];
    });
  const page = pageOf(products, {
    size: pageSize(input.MaxResults, { standard: 100, most: 100, code: INVALID }),
    token: input.NextToken,
    scope: scopeOf('GetProducts', input, context),
    key: ({ sku }) => sku,
    invalidCode: 'InvalidNextTokenException',
  });
  return { FormatVersion: 'aws_v1', PriceList: page.items.map(toPriceListItem), NextToken: page.nextToken };
}

/** The regions that can hold a match: only one when a filter names it, so that the others need not be read. */
function regionsAsked(filters: readonly Filter[]): readonly string[] {
  const named = filters.find(
    ({ Field, Type }) => Field === 'regionCode' && (Type === 'TERM_MATCH' || Type === 'EQUALS'),
  );
  return regionsWithPrices().filter((region) => named === undefined || region === named.Value);
}

function filterTest({ Type, Field = '', Value = '' }: Filter): (product: Product) => boolean {
  const field = Field === 'ServiceCode' ? 'servicecode' : Field;
  const value = ({ family, attributes }: Product): string | undefined =>
    field === 'productFamily' ? family : attributes[field];
  const values = Value.split(',');
  switch (Type) {
    case 'TERM_MATCH':
    case 'EQUALS':
      return (product) => value(product) === Value;
    case 'CONTAINS':
      return (product) => value(product)?.includes(Value) === true;
    case 'ANY_OF':
      return (product) => values.includes(value(product) ?? '');
    case 'NONE_OF':
      return (product) => !values.includes(value(product) ?? '');
    default:
      throw new AwsFault(INVALID, `There is no filter type ${Type}.`);
  }
}

export const pricingOperations = {
  GetProducts: operation(sdk.GetProducts$, getProducts),
} satisfies ServiceTable;
