import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;

/** Says of each document on stdin, behind its length of four bytes, whether Jackson takes it: a byte. */
public class Takes {
    public static void main(String[] args) throws Exception {
        DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(System.out);
        while (true) {
            int length;
            try {
                length = in.readInt();
            } catch (EOFException end) {
                break;
            }
            byte[] data = in.readNBytes(length);
            try {
                new ObjectMapper().readValue(data, Object.class); // one that knows names takes some with FF before them
                out.writeByte(1);
            } catch (Exception refused) {
                out.writeByte(0);
            }
        }
        out.flush();
    }
}
