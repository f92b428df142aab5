namespace Wombat.Domain.Plugins;

/// <summary>Whoever sits at a console.</summary>
public interface IConsoleClient
{
    /// <summary>Waits for input. One call at a time.</summary>
    /// <returns>Null at the end of the input: the client has gone.</returns>
    ValueTask<ConsoleInput?> ReadAsync(CancellationToken cancel);

    /// <summary>Shows output. One call at a time.</summary>
    /// <param name="output">Bytes of the terminal. Valid until the call returns.</param>
    ValueTask WriteAsync(ReadOnlyMemory<byte> output, CancellationToken cancel);
}
