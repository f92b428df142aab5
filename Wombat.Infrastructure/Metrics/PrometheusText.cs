using System.Globalization;
using System.Text;

namespace Wombat.Infrastructure.Metrics;

/// <summary>Writes lines of the Prometheus text format.</summary>
internal static class PrometheusText
{
    public static StringBuilder Describe(this StringBuilder text, string name, string type, string help) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");

    public static StringBuilder Value(this StringBuilder text, string name, double value, string labels = "") =>
        text.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : $"{{{labels}}}")} {value}\n");

    public static StringBuilder Metric(this StringBuilder text, string name, string type, string help, double value) =>
        text.Describe(name, type, help).Value(name, value);
}
