using System.Text.Json;

namespace Wombat.Infrastructure.Plugins.Proxmox;

/// <summary>How a command or shell in a container ended, as forge reports it.</summary>
/// <param name="ExitCode">Null if it did not exit by itself.</param>
/// <param name="Error">timeout, or stopped for a container that stopped.</param>
internal sealed record SessionOutcome(int? ExitCode, string? Error = null, string? Message = null)
{
    /// <summary>Reads <c>{"exit":{"code":0}}</c> or <c>{"error":{"code":"timeout","message":"…"}}</c>.</summary>
    /// <exception cref="InvalidDataException">It has another form.</exception>
    public static SessionOutcome Parse(ReadOnlyMemory<byte> control)
    {
        try
        {
            using var json = JsonDocument.Parse(control);
            if (json.RootElement.TryGetProperty("exit", out var exit))
            {
                return new SessionOutcome(exit.GetProperty("code").GetInt32());
            }

            var error = json.RootElement.GetProperty("error");
            return new SessionOutcome(null, error.GetProperty("code").GetString(), error.GetProperty("message").GetString());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new InvalidDataException("The end of a session has an unknown form.", e);
        }
    }
}
