namespace Wombat.Application.Containers;

public enum ContainerOperation
{
    Start,
    Stop,
    Restart,
}
