using System.Globalization;

namespace Wombat.Bench;

internal sealed record Load(double Rate, double P50)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rate:F0}/s p50 {P50:F2} ms");
}
