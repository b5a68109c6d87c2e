package io.pageferry.examples.load;

import java.util.Random;

/**
 * Numbers from 0 to n - 1 of which the k-th most frequent comes up in proportion to 1 / k^theta, scattered over the range (J.
 * Gray et al., Quickly Generating Billion-Record Synthetic Databases, SIGMOD 1994; the same as YCSB's scrambled Zipfian).
 */
final class Zipf {
    private static final long SCATTER = 0x9E3779B97F4A7C15L;

    private final long count;
    private final double theta;
    private final double alpha;
    private final double zetaN;
    private final double eta;

    Zipf(long count, double theta) {
        this.count = count;
        this.theta = theta;
        this.alpha = 1 / (1 - theta);
        double zeta = 0;
        for (long k = 1; k <= count; k++) zeta += Math.pow((double) k, -theta);
        this.zetaN = zeta;
        this.eta = (1 - Math.pow(2.0 / count, 1 - theta)) / (1 - (1 + Math.pow(0.5, theta)) / zeta);
    }

    long next(Random random) {
        return Math.floorMod((rank(random) * SCATTER) >>> 7, count);
    }

    private long rank(Random random) {
        double u = random.nextDouble();
        double uz = u * zetaN;
        if (uz < 1) return 0;
        if (uz < 1 + Math.pow(0.5, theta)) return 1;
        return Math.min(count - 1, (long) (count * Math.pow(eta * u - eta + 1, alpha)));
    }
}
