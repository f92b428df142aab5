namespace Wombat.Forge;

/// <summary>Ends forge with a code and one line for people.</summary>
internal sealed class ForgeException(ExitCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public ExitCode Code { get; } = code;
}
