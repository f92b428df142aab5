using System.Globalization;
using System.Text.Json;

namespace Wombat.Bench;

/// <summary>Lines that carry a number and the time at which they were printed.</summary>
internal sealed class TimedLines
{
    private string unfinished = "";

    /// <summary>The latency of each line, in order.</summary>
    public List<double> Milliseconds { get; } = [];

    /// <param name="json">Lines of a log as an array.</param>
    /// <param name="at">The time of arrival in seconds.</param>
    /// <exception cref="InvalidOperationException">A line is missing, cut, or out of order.</exception>
    public void Add(string json, double at)
    {
        using var lines = JsonDocument.Parse(json);
        foreach (var line in lines.RootElement.EnumerateArray().Where(l => l.GetProperty("stream").ValueEquals("stdout")))
        {
            unfinished += line.GetProperty("text").GetString();
            if (!line.TryGetProperty("partial", out _))
            {
                Add(unfinished.Split(' '), at);
                unfinished = "";
            }
        }
    }

    private void Add(string[] fields, double at)
    {
        if (fields.Length != 2 || fields[0] != (Milliseconds.Count + 1).ToString(CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"After line {Milliseconds.Count} arrived \"{string.Join(' ', fields)}\".");
        }

        Milliseconds.Add((at - double.Parse(fields[1], CultureInfo.InvariantCulture)) * 1000);
    }
}
