using System.Text.Json;

namespace Wombat.Forge.Inside;

/// <summary>The size of a terminal in characters.</summary>
internal sealed record TerminalSize(int Rows, int Columns)
{
    public const int Max = 1000;

    public static readonly TerminalSize Usual = new(24, 80);

    /// <summary>Reads <c>{"resize":{"rows":40,"columns":120}}</c>.</summary>
    /// <exception cref="ForgeException">Usage: it has another form.</exception>
    public static TerminalSize Parse(ReadOnlyMemory<byte> control)
    {
        try
        {
            using var json = JsonDocument.Parse(control);
            var resize = json.RootElement.GetProperty("resize");
            var size = new TerminalSize(resize.GetProperty("rows").GetInt32(), resize.GetProperty("columns").GetInt32());
            if (size is { Rows: >= 1 and <= Max, Columns: >= 1 and <= Max })
            {
                return size;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            // Reported below.
        }

        throw new ForgeException(ExitCode.Usage, "a control frame is not of the form {\"resize\":{\"rows\":40,\"columns\":120}}");
    }
}
