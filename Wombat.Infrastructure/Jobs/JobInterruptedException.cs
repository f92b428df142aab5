namespace Wombat.Infrastructure.Jobs;

/// <summary>The job lost its worker while it ran and is not repeated.</summary>
internal sealed class JobInterruptedException(string message) : Exception(message);
