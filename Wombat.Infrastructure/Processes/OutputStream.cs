namespace Wombat.Infrastructure.Processes;

/// <summary>The standard stream from which output comes.</summary>
public enum OutputStream
{
    Stdout,
    Stderr,
}
