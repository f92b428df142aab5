namespace Wombat.Infrastructure.Processes;

/// <summary>The standard stream of a program that a piece of output came from.</summary>
public enum OutputStream
{
    Stdout,
    Stderr,
}
