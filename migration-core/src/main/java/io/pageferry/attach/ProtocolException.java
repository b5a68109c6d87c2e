package io.pageferry.attach;

/** The peer does not keep to the attach protocol, or what it asks for cannot be; the message goes back to it. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ProtocolException(String message) {
        super(message);
    }

    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }
}
