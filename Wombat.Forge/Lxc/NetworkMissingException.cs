namespace Wombat.Forge.Lxc;

/// <summary>This machine cannot give containers a network. The message says what is missing.</summary>
internal sealed class NetworkMissingException(string message, Exception? inner = null) : Exception(message, inner);
