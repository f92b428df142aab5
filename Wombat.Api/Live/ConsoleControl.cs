using System.Text.Json;
using Wombat.Domain.Plugins;

namespace Wombat.Api.Live;

/// <summary>The control messages of a console's client.</summary>
internal static class ConsoleControl
{
    public const string Form = """A text message must be {"resize":{"rows":40,"columns":120}}.""";

    /// <summary>Reads the new size of the terminal; null if the message has another form.</summary>
    public static ConsoleSize? ReadSize(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            var resize = json.RootElement.GetProperty("resize");
            var size = new ConsoleSize(resize.GetProperty("rows").GetInt32(), resize.GetProperty("columns").GetInt32());
            return size.IsValid ? size : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
