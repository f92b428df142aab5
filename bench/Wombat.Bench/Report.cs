using System.Globalization;

namespace Wombat.Bench;

/// <summary>Prints one line per measurement. Only the ratio counts: both sides ran here, in one run, in turns.</summary>
internal static class Report
{
    public static void Line(string name, double ours, double baseline, string unit) =>
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{name} ours={ours:0.###}{unit} baseline={baseline:0.###}{unit} ratio={ours / baseline:0.00}"
            )
        );

    public static void Note(string text) => Console.Error.WriteLine($"# {text}");

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    public static double Quantile(List<double> values, double q)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(q * values.Count))];
    }
}
