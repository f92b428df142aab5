namespace Wombat.Forge;

/// <summary>Ends forge with this exit code; the message is written to standard error.</summary>
internal sealed class ForgeException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Code { get; } = code;
}
