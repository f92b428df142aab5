using System.Globalization;
using System.Text.Json;

namespace Wombat.Api.Tests.Commands;

/// <summary>Checks that a program's lines, which begin with 1, 2, 3 and so on, arrive once and in order.</summary>
internal sealed class NumberedLines
{
    private string unfinished = "";

    /// <summary>The number of the last line.</summary>
    public int Last { get; private set; }

    /// <param name="json">Lines of a log as an array.</param>
    public void Add(string json)
    {
        using var lines = JsonDocument.Parse(json);
        foreach (var line in lines.RootElement.EnumerateArray().Where(l => l.GetProperty("stream").ValueEquals("stdout")))
        {
            unfinished += line.GetProperty("text").GetString();
            if (line.TryGetProperty("partial", out _))
            {
                continue;
            }

            var expected = (++Last).ToString(CultureInfo.InvariantCulture);
            if (unfinished.Split(' ')[0] != expected)
            {
                Assert.Fail($"After line {Last - 1} arrived \"{unfinished}\".");
            }

            unfinished = "";
        }
    }
}
