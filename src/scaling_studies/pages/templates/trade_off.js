"use strict";
// Plans under laws L = E + (A N^-alpha + B D^-beta)^power; the same as engine/allocation/trade_off.py, which a test compares.
const tradeOff = (() => {
  const FLOPS = 6;
  const SERVING = 2;
  const HALVINGS = 80;
  const LOOKS = 400;
  const MOST_EPOCHS = 1e4;
  const MOST_EXCESS = 1e3;

  const root = (falling, low, high) => {
    for (let step = 0; step < HALVINGS; step += 1) {
      const middle = 0.5 * (low + high);
      if (falling(middle) > 0) low = middle;
      else high = middle;
    }
    return 0.5 * (low + high);
  };
  const lowest = (value, low, high) => {
    const step = (high - low) / LOOKS;
    let [best, least] = [0, Infinity];
    for (let place = 0; place <= LOOKS; place += 1) {
      const found = value(low + place * step);
      if (found < least) [best, least] = [place, found];
    }
    let [left, right] = [low + Math.max(best - 1, 0) * step, low + Math.min(best + 1, LOOKS) * step];
    for (let turn = 0; turn < HALVINGS; turn += 1) {
      const third = (right - left) / 3;
      if (value(left + third) <= value(right - third)) right -= third;
      else left += third;
    }
    return 0.5 * (left + right);
  };
  const worth = (first, repeats, star) => first * (1 - star * Math.expm1(-repeats / star));

  return ([E, A, B, alpha, beta, power]) => {
    const total = alpha + beta;
    const ratio = (alpha * A) / (beta * B);
    const reducible = (loss) => (loss > E ? (loss - E) ** (1 / power) : null);
    const loss = (params, tokens) => E + (A * params ** -alpha + B * tokens ** -beta) ** power;
    const sizeFor = (tokens) => (ratio * tokens ** beta) ** (1 / alpha);
    const best = (flops) => {
      const product = flops / FLOPS;
      const params = ratio ** (1 / total) * product ** (beta / total);
      return [params, product / params];
    };
    const bestForLoss = (target) => {
      const left = reducible(target);
      return left && [((A * total) / (beta * left)) ** (1 / alpha), ((B * total) / (alpha * left)) ** (1 / beta)];
    };
    const withRatio = (flops, tokensEach) => {
      const params = Math.sqrt(flops / (FLOPS * tokensEach));
      return [params, tokensEach * params];
    };
    const withRatioForLoss = (target, tokensEach) => {
      const left = reducible(target);
      if (!left) return null;
      const missing = (place) => A * Math.exp(place) ** -alpha + B * (tokensEach * Math.exp(place)) ** -beta - left;
      const params = Math.exp(root(missing, 0, 300));
      return [params, tokensEach * params];
    };
    const serving = (target, served) => {
      const left = reducible(target);
      if (!left) return null;
      const tokensOf = (term) => (B / (left - term)) ** (1 / beta);
      const falling = (place) => {
        const term = A * Math.exp(-alpha * place);
        if (term >= left) return Infinity;
        return -(FLOPS * tokensOf(term) * (1 - (alpha * term) / (beta * (left - term))) + SERVING * served);
      };
      const place = root(falling, Math.log(A / left) / alpha, Math.log(bestForLoss(target)[0]));
      return [Math.exp(place), tokensOf(A * Math.exp(-alpha * place))];
    };
    const lossWithUnique = (params, tokens, unique, [data, size]) => {
      const fresh = Math.min(tokens, unique);
      const useful = Math.min(params, sizeFor(unique));
      return loss(worth(useful, params / useful - 1, size), worth(fresh, tokens / fresh - 1, data));
    };
    const withUnique = (flops, unique, stars) => {
      const product = flops / FLOPS;
      const [params, tokens] = best(flops);
      if (tokens <= unique) return [params, tokens, loss(params, tokens)];
      const value = (place) => lossWithUnique(Math.exp(place), product / Math.exp(place), unique, stars);
      const fresh = Math.log(product / unique);
      const place = lowest(value, fresh - Math.log(MOST_EPOCHS), fresh + Math.log(MOST_EXCESS));
      return [Math.exp(place), product / Math.exp(place), value(place)];
    };
    const withUniqueForLoss = (target, unique, stars) => {
      const ideal = bestForLoss(target);
      if (!ideal) return null;
      const least = Math.log(FLOPS * ideal[0] * ideal[1]);
      const missing = (place) => withUnique(Math.exp(place), unique, stars)[2] - target;
      if (missing(least + 20) > 0) return null;
      return withUnique(Math.exp(root(missing, least, least + 20)), unique, stars).slice(0, 2);
    };
    return { loss, best, bestForLoss, withRatio, withRatioForLoss, serving, withUnique, withUniqueForLoss, lossWithUnique };
  };
})();
