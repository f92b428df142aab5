namespace Wombat.Infrastructure.Processes;

/// <summary>A program that Wombat calls is not installed or not executable.</summary>
public sealed class ProgramMissingException(string program, Exception? inner = null)
    : Exception(
        $"The program {Path.GetFileName(program)} is missing on the server or is not executable; an administrator must install it.",
        inner
    );
